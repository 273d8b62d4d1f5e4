import interUrl from "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url";
import monoUrl from "@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2?url";

/** Longest wait for the fonts, milliseconds; whoever is slower reads in the system's own. */
const mostMs = 500;

export async function loadFonts(): Promise<void> {
  const faces = [
    new FontFace("Inter", `url(${interUrl})`, { weight: "100 900", display: "optional" }),
    new FontFace("JetBrains Mono", `url(${monoUrl})`, { weight: "100 800", display: "optional" }),
  ];
  const loading = faces.map(async (face) => document.fonts.add(await face.load()));
  const late = new Promise((resolve) => setTimeout(resolve, mostMs));
  await Promise.race([Promise.allSettled(loading), late]);
}
