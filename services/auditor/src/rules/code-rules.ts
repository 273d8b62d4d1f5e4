import { isProse, isScript, joinedLiterals, lineRule, type Rule, type RuleVoice } from "./rule.ts";

/** P10: without certificate checks anybody on the way can answer. */
export const disabledTls: RuleVoice = {
  ruleId: "disabled-tls",
  severity: "error",
  isHard: true,
  message: "certificate checks are switched off",
  remedy: "trust the right certificate instead",
};

export const dynamicCode: RuleVoice = {
  ruleId: "dynamic-code",
  severity: "error",
  isHard: false,
  message: "text is run as code",
  remedy: "call a function instead",
};

export const childProcess: RuleVoice = {
  ruleId: "child-process",
  severity: "error",
  isHard: false,
  message: "the code starts other programs",
  remedy: "let a person decide whether it has to",
};

const tlsShapes: readonly RegExp[] = [
  /NODE_TLS_REJECT_UNAUTHORIZED|rejectUnauthorized["']?\s{0,20}[:=]\s{0,20}(false|0|!1)\b/,
  /\bverify\s{0,5}=\s{0,5}False\b|_create_unverified_context|\bCERT_NONE\b|InsecureSkipVerify["']?\s{0,5}[:=]\s{0,5}true/,
  /\bVERIFY_NONE\b|CURLOPT_SSL_VERIFY(PEER|HOST)\s{0,5},\s{0,5}(false|0)|danger_accept_invalid_certs\(true/,
  /\bGIT_SSL_NO_VERIFY\b|sslVerify\s{0,5}[=:]?\s{0,5}false|strict-ssl\s{0,5}[= ]\s{0,5}false|StrictHostKeyChecking[= ]no\b/i,
  /\bcurl\b[^|;&]{0,200}\s(-k|--insecure|-[a-zA-Z]{0,5}k)\b|\bwget\b[^|;&]{0,200}--no-check-certificate/,
];

/** Types say what may be, and are gone before anything runs. */
const isDeclaration = (path: string) => /\.d\.[cm]?ts$/i.test(path);
const isShell = (path: string) =>
  /\.(sh|bash|zsh|ps1|bat|cmd)$|(^|\/)(Dockerfile|Makefile|Containerfile)[^/]{0,40}$/i.test(path);
const isOther = (path: string) => /\.(py|rb|php|pl|go|rs|java|kt|cs|lua)$/i.test(path);

/** Languages without a parser here are searched line by line. */
export const codeRules: readonly Rule[] = [
  lineRule(
    disabledTls,
    (text) => {
      const joined = joinedLiterals(text);
      return tlsShapes.some((shape) => shape.test(joined));
    },
    (path) => !isProse(path) && !isDeclaration(path),
  ),
  lineRule(
    dynamicCode,
    (text) =>
      /(?<![\w.])(eval|exec|compile|instance_eval|class_eval|create_function|loadstring)\s{0,5}\(|\bpickle\.loads?\(|\byaml\.load\((?!.{0,200}SafeLoader)|\bMarshal\.load\b|\bunserialize\(/.test(
        text,
      ),
    isOther,
  ),
  lineRule(
    childProcess,
    (text) =>
      /\bos\.(system|popen|exec\w{0,4}|spawn\w{0,4})\(|\bsubprocess\.|\bshell_exec\(|\bproc_open\(|\bpassthru\(|\bexec\.Command\(|\bRuntime\.getRuntime\(\)|\bProcessBuilder\(|\bKernel\.(system|exec|spawn)\b|\bCommand::new\(/.test(
        text,
      ),
    isOther,
  ),
  lineRule(
    {
      ruleId: "download-and-run",
      severity: "error",
      isHard: true,
      message: "what is fetched from the network is run unseen",
      remedy: "pin what is fetched by its digest, and check it before it runs",
    },
    (text) =>
      /\b(curl|wget|iwr|Invoke-WebRequest)\b[^\n]{0,300}\|\s{0,5}(sudo\s{1,5})?(ba|z|da|k)?(sh|node|python3?|perl|ruby|iex)\b|\b(ba|z)?sh\s{1,5}(-c\s{0,5})?["']?(<\(|\$\()\s{0,5}(curl|wget)\b/.test(
        text,
      ),
    (path) =>
      !isProse(path) &&
      (isShell(path) || isScript(path) || /\.(ya?ml|json|toml)$|^[^.]+$/i.test(path)),
  ),
];
