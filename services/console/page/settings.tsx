/** Every setting of the gateway with its source, and the policy each repository is judged by. */
import type { Policy } from "@council/domain";
import { Note, ResourceNote } from "./note.tsx";
import { quantity, span } from "./quantity.ts";
import { useJson } from "./resource.ts";
import type { Store } from "./store.ts";

interface Shown {
  readonly env: string;
  readonly value: string;
  readonly source: string;
  readonly default: string;
  readonly unit: string;
  readonly meaning: string;
}

export interface SettingsAnswer {
  readonly settings: readonly Shown[];
  readonly repositories: readonly {
    readonly id: string;
    readonly targetBranch: string;
    readonly policy: Policy;
    readonly ownFields: readonly string[];
  }[];
}

const sources: Readonly<Record<string, string>> = {
  argv: "command line",
  env: "environment",
  dotenv: ".env file",
  yaml: "YAML file",
  toml: "TOML file",
  default: "default",
  unset: "not set",
};

export function Settings({ store }: { readonly store: Store }) {
  const { resource, again, unlock } = useJson<SettingsAnswer>(store, "/v1/settings");
  return (
    <>
      <h1 className="page-title">Settings</h1>
      {resource.kind === "ready" ? (
        <>
          <h2 className="group-title">Gateway</h2>
          <SettingsTable settings={resource.value.settings} />
          {resource.value.repositories.map((repository) => (
            <section key={repository.id}>
              <h2 className="group-title">
                {repository.id} <span>{repository.targetBranch}</span>
              </h2>
              <PolicyTable policy={repository.policy} own={repository.ownFields} />
              <Rules policy={repository.policy} />
            </section>
          ))}
        </>
      ) : (
        <ResourceNote
          resource={resource}
          again={again}
          unlock={unlock}
          absent={<Note title="This gateway does not show its settings" />}
        />
      )}
    </>
  );
}

function SettingsTable({ settings }: { readonly settings: readonly Shown[] }) {
  return (
    <div className="table" tabIndex={0} role="region" aria-label="Settings of the gateway">
      <table className="is-text">
        <thead>
          <tr>
            <th scope="col">Variable</th>
            <th scope="col">Value</th>
            <th scope="col">From</th>
            <th scope="col">Meaning</th>
          </tr>
        </thead>
        <tbody>
          {settings.map(({ env, value, source, default: usual, meaning }) => (
            <tr key={env} data-set={source === "default" || source === "unset" ? undefined : ""}>
              <th scope="row">
                <code>{env}</code>
              </th>
              <td>
                <code>{value || "–"}</code>
              </td>
              <td title={usual && `default ${usual}`}>{sources[source] ?? source}</td>
              <td className="soft">{meaning}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function PolicyTable(props: { readonly policy: Policy; readonly own: readonly string[] }) {
  const plain = Object.entries(props.policy).filter(([name]) => name !== "rules");
  return (
    <div className="table" tabIndex={0} role="region" aria-label="Policy">
      <table className="is-text">
        <thead>
          <tr>
            <th scope="col">Policy</th>
            <th scope="col">Value</th>
            <th scope="col">From</th>
          </tr>
        </thead>
        <tbody>
          {plain.map(([name, value]) => (
            <tr key={name} data-set={props.own.includes(name) ? "" : undefined}>
              <th scope="row">
                <code>{name}</code>
              </th>
              <td>{policyText(name, value)}</td>
              <td>{props.own.includes(name) ? "repositories file" : "default"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function policyText(name: string, value: unknown): string {
  if (typeof value === "number") return name.endsWith("Ms") ? span(value) : String(value);
  if (typeof value === "string" || typeof value === "boolean") return String(value);
  if (!Array.isArray(value)) return JSON.stringify(value);
  const names = value.map((each: unknown) => {
    if (typeof each !== "object" || each === null) return String(each);
    const { head, name: own } = each as { readonly head?: string; readonly name?: string };
    return head ?? own ?? JSON.stringify(each);
  });
  return names.join(", ") || "none";
}

function Rules({ policy }: { readonly policy: Policy }) {
  return (
    <div className="table" tabIndex={0} role="region" aria-label="Rules">
      <table>
        <thead>
          <tr>
            <th scope="col">Rule</th>
            <th scope="col">Kind</th>
            <th scope="col">Limit</th>
            <th scope="col">Needed</th>
          </tr>
        </thead>
        <tbody>
          {policy.rules.map((rule) => (
            <tr key={rule.id}>
              <th scope="row">{rule.id}</th>
              <td>{rule.kind}</td>
              <td>{limitText(rule)}</td>
              <td>{rule.isRequired ? "yes" : "no"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function limitText(rule: object): string {
  const { limit, tolerance } = rule as { readonly limit?: number; readonly tolerance?: number };
  if (limit !== undefined) return String(limit);
  return tolerance === undefined ? "–" : `${quantity(tolerance, "ratio")} off the baseline`;
}
