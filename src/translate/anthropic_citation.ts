import { textAt } from "../core/json.ts";
import type { Citation } from "./chat_answer.ts";

/**
 * A citation with its page, or `undefined` when it is of a document of the request, which has no address.
 * Source: https://platform.claude.com/docs/en/build-with-claude/citations,
 * https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool#citations
 */
export function readAnthropicCitation(citation: unknown): Citation | undefined {
  const url = textAt(citation, "url") || textAt(citation, "source");
  if (url === "") return undefined;
  const title = textAt(citation, "title");
  const quote = textAt(citation, "cited_text");
  return { url, ...(title === "" ? {} : { title }), ...(quote === "" ? {} : { quote }) };
}

/** As the citation of a web search, the only one of Anthropic's that names a page. */
export function writeAnthropicCitation(citation: Citation): Readonly<Record<string, unknown>> {
  return {
    type: "web_search_result_location",
    url: citation.url,
    title: citation.title ?? null,
    cited_text: citation.quote ?? "",
    encrypted_index: "",
  };
}
