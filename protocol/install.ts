// How a machine becomes a host, in the words that command line, dashboard and API all show.

export interface Invitation {
  /** Of the control plane, without a slash at the end. */
  readonly origin: string;
  /** A join token: letters, digits and underscores. */
  readonly token: string;
}

/** One line for a shell of somebody who may use sudo. */
export function installCommand({ origin, token }: Invitation): string {
  return `curl -fsSL ${origin}/install.sh | sudo TOKEN=${token} sh`;
}

/** User data for a machine that is yet to be made. cloud-init runs the line from a file, so the token is in no argument list. */
export function cloudInit({ origin, token }: Invitation): string {
  return `#cloud-config
package_update: true
packages: [ca-certificates, curl, git]
runcmd:
  - curl -fsSL ${origin}/install.sh | TOKEN=${token} sh
`;
}
