// The reference: what anybody would write in Node, a spawn on each exit. usage: bare-node COMMAND
// Lines on stdin: "loop N" starts N times in a row; "start N" starts N side by side and keeps them alive;
// "kill" ends those. Each is answered by "done".
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const command = process.argv[2];
const kept = new Set();
const start = () =>
  spawn("/bin/sh", ["-c", command], {
    detached: true,
    stdio: "ignore",
    env: { PATH: process.env.PATH },
  });
const done = () => process.stdout.write("done\n");

function loop(left) {
  if (left === 0) done();
  else start().on("exit", () => loop(left - 1));
}

function keep() {
  const child = start();
  kept.add(child);
  child.on("exit", () => {
    kept.delete(child);
    if (kept.size === 0) done();
  });
}

createInterface({ input: process.stdin }).on("line", (line) => {
  const [what, count] = line.split(" ");
  if (what === "loop") loop(Number(count));
  if (what === "start") {
    for (let n = 0; n < Number(count); n++) keep();
    done();
  }
  if (what === "kill") for (const child of kept) process.kill(-child.pid, "SIGKILL");
});
