import journal from './meta/_journal.json';
import m0000 from './0000_first_tables.sql';
import m0001 from './0001_intent_and_sizes.sql';
import m0002 from './0002_accepted_at.sql';
import m0003 from './0003_silence_term.sql';

  export default {
    journal,
    migrations: {
      m0000,
m0001,
m0002,
m0003
    }
  }
  