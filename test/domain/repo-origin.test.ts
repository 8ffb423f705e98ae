// To whom a credential of a repository may be shown: every way to write one server is that server, and no other is.
import { describe, expect, it } from "vitest";
import { repoOrigin } from "../../protocol/git-credential.ts";
import { refuseRepo } from "../../protocol/spec.ts";

describe("the server of a repository", () => {
  it.each([
    ["https://github.com/acme/x", "https://github.com"],
    ["https://GitHub.com:443/acme/x.git", "https://github.com"],
    ["https://github.com:8443/acme/x", "https://github.com:8443"],
    ["https://github.com.evil.example/x", "https://github.com.evil.example"],
    ["git@github.com:acme/x", "ssh://git@github.com"],
    ["ssh://git@GitHub.com/acme/x", "ssh://git@github.com"],
    ["ssh://git@github.com:22/acme/x", "ssh://git@github.com"],
    ["ssh://git@github.com:2222/acme/x", "ssh://git@github.com:2222"],
    ["ssh://other@github.com/acme/x", "ssh://other@github.com"],
    ["ssh://github.com/acme/x", "ssh://github.com"],
    ["ssh://git@[2001:DB8::1]:2222/x", "ssh://git@[2001:db8::1]:2222"],
    ["/srv/git/x", "file://"],
    ["file:///srv/git/x", "file://"],
  ])("%s", (repo, origin) => {
    expect(refuseRepo(repo)).toBeNull();
    expect(repoOrigin(repo)).toBe(origin);
  });

  it.each(["", "http://github.com/x", "ssh://a@b@github.com/x", "github.com/x"])(
    "`%s` has none",
    (repo) => {
      expect(repoOrigin(repo)).toBeNull();
    },
  );
});
