// `npm start`: looks whether this Node can run TypeScript, says so in one line if not, then starts.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Node ${process.versions.node} is too old: run \`npm ci\` in this folder (it brings Node 24 along on Linux), or install Node 22.18 or newer; then \`npm start\`.`,
  );
  process.exit(1);
}
try {
  await import("esbuild");
} catch {
  console.error("The packages are missing: run `npm ci` first, then `npm start`.");
  process.exit(1);
}
await import("./start.ts");
