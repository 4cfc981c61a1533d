/** What Vite makes of files and of the build's mode. */
declare module "*.png" {
  const address: string;
  export default address;
}
declare module "*.css";
interface ImportMetaEnv {
  readonly PROD: boolean;
}
interface ImportMeta {
  readonly env: ImportMetaEnv;
}
