import { kindOf, type Tone } from "./words.ts";

/** A state by colour, shape and word. */
export function StateChip({ kind }: { readonly kind: string }) {
  const { label, tone, mark } = kindOf(kind);
  return <Chip tone={tone} mark={mark} label={label} />;
}

export function Chip(props: {
  readonly tone: Tone;
  readonly mark: string;
  readonly label: string;
}) {
  return (
    <span className="chip" data-tone={props.tone}>
      <span className="mark" aria-hidden="true">
        {props.mark}
      </span>
      {props.label}
    </span>
  );
}
