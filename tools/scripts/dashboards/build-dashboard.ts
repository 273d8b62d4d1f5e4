import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  RowBuilder,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TimeseriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import type { DashboardSpec, PanelSpec } from "./panel.ts";

const datasource = { type: "prometheus", uid: "${datasource}" };
/** Of 24 columns. */
const width = 8;
const height = 8;

/** The dashboard as Grafana's JSON; the same spec always gives the same text. */
export function buildDashboard(spec: DashboardSpec): string {
  const dashboard = new DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.about)
    .tags(["council"])
    .timezone("browser")
    .time({ from: "now-6h", to: "now" })
    .refresh("30s")
    .readonly()
    .withVariable(
      new DatasourceVariableBuilder("datasource").label("Prometheus").type("prometheus"),
    );
  let id = 0;
  for (const { title, panels } of spec.rows) {
    dashboard.withRow(new RowBuilder(title).id((id += 1)));
    for (const panel of panels) dashboard.withPanel(panelOf(panel).id((id += 1)));
  }
  return `${JSON.stringify(dashboard.build(), undefined, 2)}\n`;
}

function panelOf(spec: PanelSpec): StatBuilder | TimeseriesBuilder {
  const panel = spec.isStat === true ? new StatBuilder() : new TimeseriesBuilder();
  panel
    .title(spec.title)
    .description(spec.about)
    .datasource(datasource)
    .unit(spec.unit)
    .span(width)
    .height(height);
  for (const { expr, legend } of spec.queries)
    panel.withTarget(new DataqueryBuilder().datasource(datasource).expr(expr).legendFormat(legend));
  return panel;
}
