{{/* Everything that is wrong with the values, at once, each with the line that mends it. */}}
{{- define "sallyport.validate" -}}
{{- $findings := list }}
{{- $config := .Values.config }}

{{- if not (or $config.oidc_issuer_url (eq $config.provider "google")) }}
{{- $findings = append $findings "config.oidc_issuer_url is required; add: --set config.oidc_issuer_url=https://id.example.com" }}
{{- end }}
{{- if not $config.client_id }}
{{- $findings = append $findings "config.client_id is required; add: --set-string config.client_id=CLIENT_ID" }}
{{- end }}

{{- $missing := list }}
{{- range $option, $secret := .Values.secrets }}
{{- if and $secret.key (not ($secret.name | default $.Values.existingSecret)) }}
{{- $missing = append $missing $secret.key }}
{{- end }}
{{- end }}
{{- if $missing }}
{{- $findings = append $findings (printf "a Secret with the keys %s is required; make one, and add: --set existingSecret=NAME" (join ", " $missing)) }}
{{- end }}
{{- if not .Values.secrets.cookie_secret.key }}
{{- $findings = append $findings "secrets.cookie_secret.key is required; add: --set secrets.cookie_secret.key=cookie-secret" }}
{{- end }}
{{- if not (or .Values.secrets.client_secret.key $config.code_challenge_method $config.force_code_challenge_method) }}
{{- $findings = append $findings "without a client secret, PKCE is required; add: --set config.code_challenge_method=S256" }}
{{- end }}

{{- range $option, $secret := .Values.secrets }}
{{- $value := get $config $option | toString }}
{{- /* The address of a Redis without a password is no secret. */}}
{{- if and $value (or (ne $option "redis_connection_url") (contains "@" $value)) }}
{{- $findings = append $findings (printf "config.%s would be readable in a ConfigMap; put it into a Secret, and instead add: --set secrets.%s.name=SECRET --set secrets.%s.key=KEY" $option $option $option) }}
{{- end }}
{{- $file := printf "%s_file" $option }}
{{- if hasKey $config $file }}
{{- $findings = append $findings (printf "config.%s is what the chart sets; instead add: --set secrets.%s.name=SECRET --set secrets.%s.key=KEY" $file $option $option) }}
{{- end }}
{{- end }}
{{- range $option, $value := dict "http_address" "ports.http" "metrics_address" "ports.metrics" "grpc_address" "ports.grpc" }}
{{- if hasKey $config $option }}
{{- $findings = append $findings (printf "config.%s is what the chart sets; instead add: --set %s=PORT" $option $value) }}
{{- end }}
{{- end }}
{{- range tuple "https_address" "tls_cert_file" "tls_key_file" }}
{{- if hasKey $config . }}
{{- $findings = append $findings (printf "config.%s is what the chart sets; instead add: --set tls.secretName=SECRET" .) }}
{{- end }}
{{- end }}
{{- if and .Values.gatewayApi.backendTLSPolicy.enabled (not .Values.tls.secretName) }}
{{- $findings = append $findings "a BackendTLSPolicy needs a Service that speaks TLS; add: --set tls.secretName=SECRET" }}
{{- end }}
{{- if and .Values.trustedCA.configMapName .Values.trustedCA.secretName }}
{{- $findings = append $findings "trustedCA takes one source; remove trustedCA.configMapName or trustedCA.secretName" }}
{{- end }}

{{- if and (eq ($config.session_store_type | default "cookie") "memory") (or .Values.autoscaling.enabled (gt (int .Values.replicaCount) 1)) }}
{{- $findings = append $findings "sessions in memory are known to one replica only; add: --set replicaCount=1, or --set config.session_store_type=cookie" }}
{{- end }}
{{- if and (eq ($config.session_store_type | default "cookie") "redis") (not (or $config.redis_connection_url .Values.secrets.redis_connection_url.key $config.redis_use_sentinel $config.redis_use_cluster)) }}
{{- $findings = append $findings "config.session_store_type=redis needs Redis; add: --set config.redis_connection_url=rediss://redis:6379" }}
{{- end }}
{{- if lt (int .Values.terminationGracePeriodSeconds) (add (int .Values.preStopSleepSeconds) 10 | int) }}
{{- $findings = append $findings (printf "terminationGracePeriodSeconds must be preStopSleepSeconds and 10 seconds at least; add: --set terminationGracePeriodSeconds=%d" (add (int .Values.preStopSleepSeconds) 10)) }}
{{- end }}

{{- if and .Values.ingress.enabled (not .Values.portal.host) }}
{{- $findings = append $findings "the Ingress needs a host; add: --set portal.host=auth.example.com" }}
{{- end }}
{{- if and .Values.httpRoute.enabled (not .Values.portal.host) (not .Values.httpRoute.hostnames) }}
{{- $findings = append $findings "the HTTPRoute needs a host; add: --set portal.host=auth.example.com" }}
{{- end }}
{{- range .Values.envoyGateway.securityPolicies }}
{{- if and (eq (.protocol | default "http") "grpc") (not $.Values.grpc.enabled) }}
{{- $findings = append $findings (printf "the SecurityPolicy %s asks over gRPC; add: --set grpc.enabled=true" .name) }}
{{- end }}
{{- end }}
{{- range tuple "ping_path" "ready_path" }}
{{- if and (hasKey $config .) (not (get $config .)) }}
{{- $findings = append $findings (printf "the probes need config.%s; remove it for its default" .) }}
{{- end }}
{{- end }}

{{- /* Providers whose people are everyone. */}}
{{- $world := regexMatch "^https://(accounts\\.google\\.com|login\\.microsoftonline\\.com/(common|organizations|consumers))(/|$)" $config.oidc_issuer_url }}
{{- $world = or $world (eq $config.provider "google") }}
{{- if and $world (has "*" $config.email_domains) (not $config.allowed_groups) }}
{{- $findings = append $findings "this provider has accounts of the whole world, and email_domains lets all of them in; add: --set 'config.email_domains={example.com}'" }}
{{- end }}

{{- if and (not .Values.metrics.enabled) (or .Values.metrics.serviceMonitor.enabled .Values.metrics.podMonitor.enabled .Values.metrics.rules.enabled) }}
{{- $findings = append $findings "there is nothing to monitor; add: --set metrics.enabled=true" }}
{{- end }}
{{- with .Values.networkPolicy }}
{{- if and .enabled (not .gateways) }}
{{- $findings = append $findings "a NetworkPolicy without peers would cut everyone off; add: --set 'networkPolicy.gateways[0].namespaceSelector.matchLabels.kubernetes\\.io/metadata\\.name=NAMESPACE_OF_YOUR_GATEWAY'" }}
{{- end }}
{{- if and .enabled .egress.enabled (not .egress.provider.to) }}
{{- $findings = append $findings "egress without the provider would end all sign-ins; add: --set 'networkPolicy.egress.provider.to[0].ipBlock.cidr=0.0.0.0/0'" }}
{{- end }}
{{- if and .enabled .egress.enabled (not .egress.redis.to) (eq ($config.session_store_type | default "cookie") "redis") }}
{{- $findings = append $findings "egress without Redis would end all checks; add: --set 'networkPolicy.egress.redis.to[0].ipBlock.cidr=CIDR'" }}
{{- end }}
{{- end }}

{{- $minimum := index .Chart.Annotations "sallyport/min-app-version" }}
{{- if and (regexMatch "^v?[0-9]+\\.[0-9]+\\.[0-9]+" .Values.image.tag) (not .Values.image.digest) }}
{{- if not (semverCompare (printf ">=%s-0" $minimum) .Values.image.tag) }}
{{- $findings = append $findings (printf "image.tag %s is older than this chart can run; add: --set image.tag=%s, or use an older chart" .Values.image.tag .Chart.AppVersion) }}
{{- end }}
{{- end }}

{{- if $findings }}
{{- fail (printf "\n\n  %s\n" (join "\n  " $findings)) }}
{{- end }}
{{- end }}
