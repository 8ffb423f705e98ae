/** Writes the bundled command line; gives its path. */
export function bundleCli(outfile?: string): Promise<string>;
