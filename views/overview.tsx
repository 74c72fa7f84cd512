import { Layout } from "./layout.tsx";
import type { Markup } from "./markup.ts";
import { AttentionList } from "./overview_attention.tsx";
import { Figures } from "./overview_figures.tsx";
import { CapacityTable, Health } from "./overview_health.tsx";
import { Running } from "./overview_running.tsx";
import type { OverviewShown } from "./overview_shown.ts";
import { Steps } from "./first_run_steps.tsx";
import { AsCurl } from "./parts/copy.tsx";
import type { View } from "./view.ts";

/**
 * `/admin`: can requests be served, for how long, what is wrong, and what does it cost. Everything that changes is
 * kept up to date while it is looked at.
 */
export function OverviewPage(
  { view, overview }: { readonly view: View; readonly overview: OverviewShown },
): Markup {
  const { health, capacity, attention, range, figures, running, steps } = overview;
  return (
    <Layout view={view} title={view.messages.overview.title}>
      <div class="overview" hx-sse:connect={`/admin/live/overview?range=${range}`} hx-swap="none">
        <Steps view={view} steps={steps} />
        <Health view={view} health={health} />
        <AttentionList view={view} attention={attention} />
        <CapacityTable view={view} capacity={capacity} />
        <Figures view={view} range={range} figures={figures} />
        <Running view={view} running={running} />
      </div>
      <AsCurl view={view} method="GET" path={view.url.pathname + view.url.search} />
    </Layout>
  );
}
