// Which addresses the control plane itself may ask for a repository's refs: public names over https, nothing else.
// Everything else is a host's to read: it runs its user's programs anyway, and stands where they stand.

/** Names that never lead to the public internet. */
const PRIVATE = new Set([
  "localhost",
  "local",
  "localdomain",
  "internal",
  "intranet",
  "private",
  "corp",
  "home",
  "lan",
  "arpa",
  "test",
  "example",
  "invalid",
  "onion",
  "alt",
]);

/** Why it may not be asked; null where it may. */
export function refuseAddress(url: URL): string | null {
  if (url.protocol !== "https:") return "only https:// addresses are read from here";
  if (url.port !== "") return "only the usual port of https is read from here";
  if (url.username !== "" || url.password !== "") return "an address must not carry credentials";
  // The parser has made one of every way to write an IPv4 address.
  const name = url.hostname.toLowerCase().replace(/\.$/, "");
  const labels = name.split(".");
  const top = labels.at(-1) ?? "";
  if (name.startsWith("[") || /^\d+$/.test(top) || /^0x/.test(top))
    return "an address by number is not read from here";
  if (labels.length < 2 || PRIVATE.has(top)) return "a private name is not read from here";
  return null;
}
