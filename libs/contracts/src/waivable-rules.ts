/**
 * The rules whose findings can be waived: those that reject or ask, and are not hard (P10). They live with the
 * auditor, whom nobody here may ask; a test there holds this list to them.
 */
export const waivableRules = [
  "agent-instructions",
  "aliased-dependency",
  "built-command",
  "child-process",
  "computed-module",
  "constant-condition",
  "copyleft-licence",
  "deleted-test",
  "dependency-revision",
  "disguised-code",
  "dynamic-code",
  "executable-file",
  "line-length",
  "lock-mismatch",
  "locked-install-script",
  "loose-dependency",
  "near-name-dependency",
  "package-script",
  "path-from-input",
  "personal-data",
  "prototype-pollution",
  "query-from-input",
  "repository-control",
  "request-from-input",
  "skipped-test",
  "test-configuration",
  "unparsed-script",
  "weakened-test",
] as const;
