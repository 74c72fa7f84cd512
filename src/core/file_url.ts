/** The `file:` URL of a path, as `openDatabase` takes it; a relative path stays relative. */
export function fileUrl(path: string): string {
  return "file:" + path.split(/[/\\]/).map(encodeURIComponent).join("/");
}
