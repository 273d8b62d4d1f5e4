import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const inThisFolder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The page: plain files with hashed names, nothing inline, as the gateway's security policy asks. */
export default defineConfig({
  root: inThisFolder("page"),
  base: "./",
  logLevel: "warn",
  cacheDir: inThisFolder("../../.council/vite"),
  build: {
    outDir: inThisFolder("dist"),
    emptyOutDir: true,
    target: "es2023",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1000,
  },
});
