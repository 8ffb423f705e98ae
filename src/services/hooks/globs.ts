// Globs over paths of a repository: `*` and `?` within a folder, `**` over any number of them; `!` in front takes out again.
// Matched step by step instead of as regular expressions: no pattern can make it slow. Pure.

/** One name against one part of a glob; linear but for how far the last `*` reaches. */
function matchesName(name: string, glob: string): boolean {
  let [n, g] = [0, 0];
  let star = -1;
  let from = 0;
  while (n < name.length) {
    if (glob[g] === "*") {
      star = g++;
      from = n;
    } else if (g < glob.length && (glob[g] === "?" || glob[g] === name[n])) {
      n++;
      g++;
    } else if (star >= 0) {
      g = star + 1;
      n = ++from;
    } else return false;
  }
  while (glob[g] === "*") g++;
  return g === glob.length;
}

/** The same over folders, where `**` stands for any number of them. */
function matchesParts(parts: readonly string[], globs: readonly string[]): boolean {
  let [p, g] = [0, 0];
  let star = -1;
  let from = 0;
  while (p < parts.length) {
    if (globs[g] === "**") {
      star = g++;
      from = p;
    } else if (g < globs.length && matchesName(parts[p] ?? "", globs[g] ?? "")) {
      p++;
      g++;
    } else if (star >= 0) {
      g = star + 1;
      p = ++from;
    } else return false;
  }
  while (globs[g] === "**") g++;
  return g === globs.length;
}

/** A glob that names a folder means all that is in it. */
export function matchesGlob(path: string, glob: string): boolean {
  const globs = glob.replace(/\/$/, "/**").split("/");
  const parts = path.split("/");
  return matchesParts(parts, globs) || matchesParts(parts, [...globs, "**"]);
}

/** The last glob that matches decides. Where the first takes out, all the rest is in. */
export function matchesAny(path: string, globs: readonly string[]): boolean {
  let matches = globs[0]?.startsWith("!") ?? false;
  for (const glob of globs) {
    const out = glob.startsWith("!");
    if (matchesGlob(path, out ? glob.slice(1) : glob)) matches = !out;
  }
  return matches;
}
