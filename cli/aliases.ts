// Words that people bring along from elsewhere: `config:set A=b`, `ps:scale web=2`, `releases:list`.

const WORDS: Readonly<Record<string, readonly string[]>> = {
  config: ["env"],
  "config:set": ["env", "set"],
  "config:unset": ["env", "unset"],
  "config:get": ["env"],
  "env:get": ["env"],
  "ps:scale": ["scale"],
  "ps:restart": ["restart"],
  "ps:stop": ["stop"],
  "ps:start": ["start"],
  "workers:delete": ["delete"],
  destroy: ["delete"],
  rm: ["delete"],
  "auth:login": ["login"],
  "auth:logout": ["logout"],
  "auth:whoami": ["whoami"],
  info: ["status"],
  ls: ["status"],
  help: ["--help"],
  version: ["--version"],
};

/** `noun:verb` is `noun verb`, where it is not a word of its own. */
export function translate(argv: readonly string[]): string[] {
  const [first, ...rest] = argv;
  if (first === undefined) return [];
  // `coppice help ps` asks for the help of ps.
  if (first === "help" && rest.length > 0) return [...translate(rest), "--help"];
  const known = Object.hasOwn(WORDS, first) ? WORDS[first] : undefined;
  if (known) return [...known, ...rest];
  const pair = /^(env|groups|hooks|repo|hosts|tokens):([a-z]+)$/.exec(first);
  return pair?.[1] && pair[2] ? [pair[1], pair[2], ...rest] : [first, ...rest];
}
