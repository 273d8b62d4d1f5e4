export { type ForgeServer, type RequestSeen } from "./testing/forge-server.ts";
export { type GithubServer, startGithubServer } from "./testing/github-server.ts";
export { type GitlabServer, startGitlabServer } from "./testing/gitlab-server.ts";
export { type GiteaServer, startGiteaServer } from "./testing/gitea-server.ts";
