// Shell scripts are bundled as text, like migrations.
declare module "*.sh" {
  const text: string;
  export default text;
}
