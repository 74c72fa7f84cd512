const MAX_LENGTH = 63;

/** A slug made of a name: `Open Router (free)` gives `open-router-free`; `undefined` when nothing of it is left. */
export function slugOf(name: string): string | undefined {
  const slug = name.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9_]+/g, "-").replace(/^[-_]+|[-_]+$/g, "").slice(0, MAX_LENGTH).replace(/[-_]+$/, "");
  return slug === "" ? undefined : slug;
}

/** A slug made of the host of a URL: `https://api.example.com/v1` gives `example`. */
export function slugOfHost(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname } = new URL(url);
  if (/^[\d.]+$|:/.test(hostname)) return slugOf(hostname);
  const labels = hostname.split(".").filter((label) => !/^(?:www|api|api-\w+|open|gateway)$/.test(label));
  return slugOf(labels.length > 1 ? labels.slice(0, -1).join("-") : labels[0] ?? "");
}
