/** One line of a dialog: its label and what is typed. */
export function Field(props: {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly kind?: "text" | "password" | "datetime-local";
  readonly autoComplete?: "off" | "username";
  readonly isOptional?: boolean;
  /** Offered while it is typed; another value is taken as well. */
  readonly known?: readonly string[];
}) {
  const { id, label, value, onChange, kind = "text", autoComplete = "off", known = [] } = props;
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        required={!props.isOptional}
        maxLength={kind === "text" ? 300 : 500}
        type={kind}
        autoComplete={autoComplete}
        {...(known.length > 0 ? { list: `${id}-known` } : {})}
      />
      {known.length > 0 && (
        <datalist id={`${id}-known`}>
          {known.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      )}
    </>
  );
}
