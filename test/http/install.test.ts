// The installer as it is served: it knows where it came from, and nothing that a shell would run comes from outside.
import { describe, expect, it } from "vitest";
import { installScript } from "../../src/services/install/script.ts";
import { makeWorld } from "./support.ts";

const world = await makeWorld();

describe("/install.sh", () => {
  it("is plain text for everybody, and names the control plane that it came from", async () => {
    const { status, text, headers } = await world.ask("/install.sh", { token: null });
    expect(status).toBe(200);
    expect(headers.get("content-type")).toMatch(/^text\/plain/);
    expect(headers.get("cache-control")).toBe("no-cache");
    expect(text).toMatch(/^#!\/bin\/sh\n/);
    expect(text).not.toContain("@ORIGIN@");
    expect(text).toMatch(/url=\$\{URL:-https?:\/\/[a-z0-9.:-]+\}\n/);
  });

  it("does nothing where it was cut off: only its last line runs anything", async () => {
    const { text } = await world.ask("/install.sh", { token: null });
    const lines = text.trimEnd().split("\n");
    expect(lines.at(-1)).toBe('main "$@"');
    const loose = lines.filter((line) => /^[a-z]/.test(line) && !/^\w+\(\) \{/.test(line));
    expect(loose.slice(0, -1).filter((line) => !/^(set -eu$|\w+=)/.test(line))).toEqual([]);
  });

  it("is refused at an address that a shell would take for more than an address", () => {
    for (const origin of ["http://$(reboot)", "http://a;b", "http://a'b", "http://a b"])
      expect(() => installScript(origin)).toThrow(/own address/);
    expect(installScript("http://[::1]:8787")).toContain("http://[::1]:8787");
  });
});
