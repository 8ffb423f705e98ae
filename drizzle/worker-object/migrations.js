import journal from './meta/_journal.json';
import m0000 from './0000_first_tables.sql';
import m0001 from './0001_ledger.sql';
import m0002 from './0002_log_streams.sql';
import m0003 from './0003_leases_and_drains.sql';
import m0004 from './0004_release_artifacts.sql';
import m0005 from './0005_rollbacks.sql';
import m0006 from './0006_crash_groups.sql';
import m0007 from './0007_jobs.sql';
import m0008 from './0008_limits.sql';
import m0009 from './0009_deploys_git.sql';
import m0010 from './0010_silence_term.sql';

  export default {
    journal,
    migrations: {
      m0000,
m0001,
m0002,
m0003,
m0004,
m0005,
m0006,
m0007,
m0008,
m0009,
m0010
    }
  }
  