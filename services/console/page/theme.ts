export type Theme = "auto" | "light" | "dark";

const name = "council-theme";
const order: readonly Theme[] = ["auto", "light", "dark"];

export function savedTheme(): Theme {
  const saved = localStorage.getItem(name);
  return order.find((theme) => theme === saved) ?? "auto";
}

export function applyTheme(theme: Theme): void {
  if (theme === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  localStorage.setItem(name, theme);
}

/** System, light, dark, and round again. */
export function nextTheme(theme: Theme): Theme {
  return order[(order.indexOf(theme) + 1) % order.length] ?? "auto";
}
