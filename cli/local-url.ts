// A control plane on this machine may clone a path of this machine.

export function isLocal(url: string): boolean {
  return (
    URL.canParse(url) && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname)
  );
}
