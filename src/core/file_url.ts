/** The `file:` URL of a path, as `openDatabase` takes it; a relative path stays relative. */
export function fileUrl(path: string): string {
  return "file:" + path.split(/[/\\]/).map(encodeURIComponent).join("/");
}

/** The path of a `file:` URL; `undefined` for any other. */
export function filePath(url: string): string | undefined {
  if (!/^file:/i.test(url)) return undefined;
  const path = url.slice("file:".length).replace(/^\/\/[^/]*(?=\/)/, "").replace(/[?#].*$/, "");
  return path.split("/").map(decodeURIComponent).join("/");
}
