/** Light, dark, or what the system says; remembered on this device. */
const THEMES = ["system", "light", "dark"] as const;
const KEY = "glyphpool-theme";

/** Makes the button go round the themes. */
export function offerThemes(button: HTMLButtonElement): void {
  let place = Math.max(0, THEMES.indexOf(remembered() as (typeof THEMES)[number]));
  const apply = (): void => {
    const theme = THEMES[place] ?? "system";
    document.documentElement.style.colorScheme = theme === "system" ? "" : theme;
    button.textContent = `Theme: ${theme}`;
  };
  button.addEventListener("click", () => {
    place = (place + 1) % THEMES.length;
    apply();
    try {
      localStorage.setItem(KEY, THEMES[place] ?? "system");
    } catch {
      // A page without storage forgets it.
    }
  });
  apply();
}

function remembered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
