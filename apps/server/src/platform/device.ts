import Bowser from "bowser";

// What the parser does not know it repeats, and a mail must not say what a stranger's header says.
const KNOWN = new Set([...Object.values(Bowser.BROWSER_MAP), ...Object.values(Bowser.OS_MAP)]);

/** What a person would call the program behind a `user-agent` header, such as "Firefox on Linux"; null when unknown. */
export function deviceOf(userAgent: string): string | null {
  if (userAgent === "") return null;
  const { browser, os } = Bowser.parse(userAgent);
  const names = [browser.name, os.name].filter((name) => name !== undefined && KNOWN.has(name));
  return names.length > 0 ? names.join(" on ") : null;
}
