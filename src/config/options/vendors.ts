import { option, unserved } from '../option.ts'
import { names, strings } from '../kinds/list.ts'
import { boolean } from '../kinds/scalar.ts'
import { secret, text } from '../kinds/text.ts'

/** The two that oauth2-proxy declares as strings: their flags need a value. */
const booleanValue = { ...boolean, flag: 'value' } as const

/** Options of single vendors in oauth2-proxy. */
export const vendorOptions = {
  allowed_roles: option(names, {
    flag: 'allowed-role',
    default: [],
    help:
      'With `keycloak-oidc`: roles that may pass besides `allowed_groups`; `CLIENT:ROLE` for those ' +
      'of a client.',
  }),
  keycloak_groups: unserved(strings, {
    flag: 'keycloak-group',
    default: [],
    help: 'Keycloak: groups that may pass.',
  }),
  azure_tenant: unserved(text, { default: 'common', help: 'Azure: the tenant.' }),
  azure_graph_group_field: unserved(text, {
    default: '',
    help: 'Azure: field of a group that names it.',
  }),
  entra_id_allowed_tenants: option(strings, {
    flag: 'entra-id-allowed-tenant',
    default: [],
    help: 'With `entra-id`: tenants that may pass; the one in `oidc_issuer_url` must be among them.',
  }),
  entra_id_federated_token_auth: option(boolean, {
    default: false,
    help:
      'With `entra-id`: workload identity instead of a client secret; `client_assertion_file` is ' +
      'the file that AZURE_FEDERATED_TOKEN_FILE names.',
  }),
  resource: unserved(text, { default: '', help: 'Azure and ADFS: the resource to ask for.' }),
  bitbucket_team: unserved(text, { default: '', help: 'Bitbucket: team that may pass.' }),
  bitbucket_repository: unserved(text, {
    default: '',
    help: 'Bitbucket: repository whose readers may pass.',
  }),
  github_org: unserved(text, { default: '', help: 'GitHub: organisation that may pass.' }),
  github_team: unserved(text, { default: '', help: 'GitHub: teams that may pass.' }),
  github_repo: unserved(text, {
    default: '',
    help: 'GitHub: repository whose collaborators may pass.',
  }),
  github_token: unserved(secret, { default: '', help: 'GitHub: token to look people up with.' }),
  github_users: unserved(strings, {
    flag: 'github-user',
    default: [],
    help: 'GitHub: logins that may pass.',
  }),
  gitlab_groups: unserved(strings, {
    flag: 'gitlab-group',
    default: [],
    help: 'GitLab: groups that may pass.',
  }),
  gitlab_projects: unserved(strings, {
    flag: 'gitlab-project',
    default: [],
    help: 'GitLab: projects whose members may pass.',
  }),
  google_group: unserved(strings, { default: [], help: 'Older name of `google_groups`.' }),
  google_groups: unserved(strings, {
    flag: 'google-group',
    default: [],
    help: 'Google: groups that may pass.',
  }),
  google_admin_email: unserved(text, {
    default: '',
    help: 'Google: administrator to look groups up as.',
  }),
  google_service_account_json: unserved(text, {
    default: '',
    help: 'Google: file with credentials of a service account.',
  }),
  google_use_application_default_credentials: unserved(booleanValue, {
    default: false,
    help: 'Google: use the credentials of the environment.',
  }),
  google_target_principal: unserved(text, {
    default: '',
    help: 'Google: service account to act as.',
  }),
  google_use_organization_id: unserved(booleanValue, {
    default: false,
    help: 'Google: take the preferred username from the directory.',
  }),
  google_admin_api_user_scope: unserved(text, {
    default: '',
    help: 'Google: scope of directory look-ups.',
  }),
  jwt_key: unserved(secret, { default: '', help: 'Login.gov: key that signs client assertions.' }),
  jwt_key_file: unserved(text, { default: '', help: 'Login.gov: file with that key.' }),
  pubjwk_url: unserved(text, { default: '', help: 'Login.gov: where its signing keys are.' }),
}
