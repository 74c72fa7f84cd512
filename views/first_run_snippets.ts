import type { FirstRunMessages } from "./messages/first_run.en.ts";

export interface Snippet {
  readonly name: string;
  readonly text: string;
}

interface Asking {
  /** How callers reach the server, without a slash at its end. */
  readonly origin: string;
  readonly clientKey: string;
  readonly model: string;
}

/**
 * How common clients are pointed at Keyturn. Sources: the SDKs' own READMEs; code.claude.com/docs/en/llm-gateway;
 * docs.cherry-ai.com (Model Service Settings: the path after the host is added by the client);
 * docs.openwebui.com/tutorial/openai; www.librechat.ai/docs/quick_start/custom_endpoints.
 */
export function snippetsFor({ origin, clientKey, model }: Asking, texts: FirstRunMessages["use"]): Snippet[] {
  // A model's name may come from anywhere: as JSON it is one string in each of these languages.
  const named = JSON.stringify(model);
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] });
  return [
    {
      name: "curl",
      text: [
        `curl ${origin}/v1/chat/completions \\`,
        `  -H "Authorization: Bearer ${clientKey}" \\`,
        `  -H "Content-Type: application/json" \\`,
        `  -d ${quoted(body)}`,
      ].join("\n"),
    },
    {
      name: "OpenAI Python",
      text: [
        "from openai import OpenAI",
        "",
        `client = OpenAI(base_url="${origin}/v1", api_key="${clientKey}")`,
        "answer = client.chat.completions.create(",
        `    model=${named},`,
        '    messages=[{"role": "user", "content": "Hello"}],',
        ")",
        "print(answer.choices[0].message.content)",
      ].join("\n"),
    },
    {
      name: "OpenAI Node",
      text: [
        'import OpenAI from "openai";',
        "",
        `const client = new OpenAI({ baseURL: "${origin}/v1", apiKey: "${clientKey}" });`,
        "const answer = await client.chat.completions.create({",
        `  model: ${named},`,
        '  messages: [{ role: "user", content: "Hello" }],',
        "});",
        "console.log(answer.choices[0].message.content);",
      ].join("\n"),
    },
    {
      name: "Anthropic Python",
      text: [
        "from anthropic import Anthropic",
        "",
        `client = Anthropic(base_url="${origin}", api_key="${clientKey}")`,
        "answer = client.messages.create(",
        `    model=${named},`,
        "    max_tokens=500,",
        '    messages=[{"role": "user", "content": "Hello"}],',
        ")",
        "print(answer.content[0].text)",
      ].join("\n"),
    },
    {
      name: "Google Gen AI Node",
      text: [
        'import { GoogleGenAI } from "@google/genai";',
        "",
        `const ai = new GoogleGenAI({ apiKey: "${clientKey}", httpOptions: { baseUrl: "${origin}" } });`,
        `const answer = await ai.models.generateContent({ model: ${named}, contents: "Hello" });`,
        "console.log(answer.text);",
      ].join("\n"),
    },
    {
      name: "Claude Code",
      text: [
        `export ANTHROPIC_BASE_URL="${origin}"`,
        `export ANTHROPIC_AUTH_TOKEN="${clientKey}"`,
        `export ANTHROPIC_MODEL=${quoted(model)}`,
        "claude",
      ].join("\n"),
    },
    { name: "Cherry Studio", text: texts.cherryStudio(origin, clientKey, model) },
    {
      name: "Open WebUI",
      text: [
        "docker run -d -p 3000:8080 \\",
        `  -e OPENAI_API_BASE_URL="${origin}/v1" \\`,
        `  -e OPENAI_API_KEY="${clientKey}" \\`,
        "  -v open-webui:/app/backend/data --name open-webui \\",
        "  ghcr.io/open-webui/open-webui:main",
      ].join("\n"),
    },
    {
      name: "LibreChat",
      text: [
        "# librechat.yaml",
        "endpoints:",
        "  custom:",
        '    - name: "Keyturn"',
        `      baseURL: "${origin}/v1"`,
        `      apiKey: "${clientKey}"`,
        "      models:",
        `        default: [${named}]`,
        "        fetch: true",
        "      titleConvo: true",
        '      titleModel: "current_model"',
      ].join("\n"),
    },
  ];
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
