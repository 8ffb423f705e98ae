// Examples of what hosts send and get about artifacts, and of what opens a private repository.
import { BeginUpload, GoneWorkers, UploadView } from "../../../protocol/artifact.ts";
import { GitCredential, GitCredentialView } from "../../../protocol/git-credential.ts";
import { AT as at, example, WORKER_ID as worker } from "./table.ts";

example(BeginUpload, { bytes: 209_715_200 });
example(UploadView, { stored: false, partBytes: 52_428_800, parts: [1, 2] });
example(GoneWorkers, { workers: [worker] });
example(GitCredential, { kind: "token", username: "x-access-token", token: "ghp_example" });
example(GitCredentialView, { kind: "token", updatedAt: at });
