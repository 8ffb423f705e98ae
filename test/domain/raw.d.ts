// Sources and documents read as text by the tests that hold them against each other.
declare module "*?raw" {
  const text: string;
  export default text;
}

interface ImportMeta {
  glob(
    patterns: string | string[],
    options: { query: "?raw"; import: "default"; eager: true },
  ): Record<string, string>;
}
