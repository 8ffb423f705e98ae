// A reporter of vitest that leaves behind how many errors came outside of any test: its JSON report does not say.
import { writeFileSync } from "node:fs";
import type { Reporter } from "vitest/node";

export default class Unhandled implements Reporter {
  onTestRunEnd(_modules: readonly unknown[], errors: readonly unknown[]): void {
    const file = process.env.COPPICE_UNHANDLED_FILE;
    if (file) writeFileSync(file, String(errors.length));
  }
}
