{{- define "sallyport.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "sallyport.fullname" -}}
{{- $name := include "sallyport.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "sallyport.namespace" -}}
{{- .Values.namespaceOverride | default .Release.Namespace }}
{{- end }}

{{- define "sallyport.selectorLabels" -}}
app.kubernetes.io/name: {{ include "sallyport.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "sallyport.labels" -}}
{{- $own := include "sallyport.selectorLabels" . | fromYaml }}
{{- $_ := set $own "app.kubernetes.io/version" .Chart.AppVersion }}
{{- $_ := set $own "app.kubernetes.io/managed-by" .Release.Service }}
{{- $_ := set $own "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_") }}
{{- toYaml (merge $own .Values.commonLabels) }}
{{- end }}

{{/*
metadata of a resource: (dict "root" $ "name" "..." "namespace" "..." "labels" {} "annotations" {}),
all but root optional
*/}}
{{- define "sallyport.metadata" -}}
{{- $root := .root -}}
name: {{ .name | default (include "sallyport.fullname" $root) }}
namespace: {{ .namespace | default (include "sallyport.namespace" $root) }}
labels:
  {{- toYaml (merge (include "sallyport.labels" $root | fromYaml) (.labels | default dict)) | nindent 2 }}
{{- with merge (dict) (.annotations | default dict) $root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "sallyport.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (ternary (include "sallyport.fullname" .) "default" .Values.serviceAccount.create) }}
{{- end }}

{{- define "sallyport.image" -}}
{{- $registry := .Values.global.imageRegistry | default .Values.image.registry }}
{{- $path := list $registry .Values.image.repository | compact | join "/" }}
{{- if .Values.image.digest }}
{{- printf "%s@%s" $path .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" $path (.Values.image.tag | default .Chart.AppVersion) }}
{{- end }}
{{- end }}

{{- define "sallyport.imagePullSecrets" -}}
{{- with concat .Values.global.imagePullSecrets .Values.imagePullSecrets -}}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The configuration file: the user's, and what follows from other values. */}}
{{- define "sallyport.config" -}}
{{- $config := deepCopy .Values.config }}
{{- $address := printf ":%d" (int .Values.ports.http) }}
{{- if .Values.tls.secretName }}
{{- $_ := set $config "https_address" $address }}
{{- $_ := set $config "tls_cert_file" "/etc/sallyport/tls/tls.crt" }}
{{- $_ := set $config "tls_key_file" "/etc/sallyport/tls/tls.key" }}
{{- else }}
{{- $_ := set $config "http_address" $address }}
{{- end }}
{{- $_ := set $config "metrics_address" (printf ":%d" (int .Values.ports.metrics)) }}
{{- if .Values.grpc.enabled }}
{{- $_ := set $config "grpc_address" (printf ":%d" (int .Values.ports.grpc)) }}
{{- if .Values.grpc.tlsSecretName }}
{{- $_ := set $config "grpc_tls_cert_file" "/etc/sallyport/grpc-tls/tls.crt" }}
{{- $_ := set $config "grpc_tls_key_file" "/etc/sallyport/grpc-tls/tls.key" }}
{{- end }}
{{- end }}
{{- if and .Values.portal.host (not $config.redirect_url) }}
{{- $_ := set $config "redirect_url" (printf "%s%s/callback" (include "sallyport.portalUrl" .) (include "sallyport.prefix" .)) }}
{{- end }}
{{- if not (hasKey $config "shutdown_timeout") }}
{{- $_ := set $config "shutdown_timeout" (printf "%ds" (sub (int .Values.terminationGracePeriodSeconds) (add (int .Values.preStopSleepSeconds) 5))) }}
{{- end }}
{{- range $option, $secret := .Values.secrets }}
{{- if $secret.key }}
{{- $_ := set $config (printf "%s_file" $option) (printf "/etc/sallyport/secrets/%s" $option) }}
{{- end }}
{{- end }}
{{- toYaml $config }}
{{- end }}

{{/* Path of Sallyport's own endpoints. */}}
{{- define "sallyport.prefix" -}}
{{- .Values.config.proxy_prefix | default "/oauth2" }}
{{- end }}

{{/* Path of what Ingress and HTTPRoute send here: in proxy mode all of it. */}}
{{- define "sallyport.portalPath" -}}
{{- if .Values.config.upstreams }}/{{ else }}{{ include "sallyport.prefix" . }}/{{ end }}
{{- end }}

{{/*
Where browsers are sent: the origin of config.redirect_url, or portal.host by https, unless the cookies
may travel over http.
*/}}
{{- define "sallyport.portalUrl" -}}
{{- $redirect := urlParse (.Values.config.redirect_url | default "") }}
{{- if $redirect.host }}
{{- printf "%s://%s" $redirect.scheme $redirect.host }}
{{- else }}
{{- $secure := dig "cookie_secure" true .Values.config }}
{{- printf "%s://%s" (ternary "https" "http" $secure) (.Values.portal.host | default "auth.example.com") }}
{{- end }}
{{- end }}

{{/* What checks and portal are asked by; also the name of their port. */}}
{{- define "sallyport.scheme" -}}
{{- ternary "https" "http" (not (empty .Values.tls.secretName)) }}
{{- end }}

{{- define "sallyport.defaultPort" -}}
{{- ternary 443 80 (not (empty .Values.tls.secretName)) }}
{{- end }}

{{- define "sallyport.servicePort" -}}
{{- .Values.service.port | default (include "sallyport.defaultPort" .) }}
{{- end }}

{{/* The name of the Service in the cluster, and in its certificate. */}}
{{- define "sallyport.serviceHost" -}}
{{- printf "%s.%s.svc.%s" (include "sallyport.fullname" .) (include "sallyport.namespace" .) .Values.clusterDomain }}
{{- end }}

{{/* Where gateways ask. */}}
{{- define "sallyport.serviceUrl" -}}
{{- $port := include "sallyport.servicePort" . }}
{{- $suffix := ternary "" (printf ":%s" $port) (eq $port (include "sallyport.defaultPort" .)) }}
{{- printf "%s://%s%s" (include "sallyport.scheme" .) (include "sallyport.serviceHost" .) $suffix }}
{{- end }}

{{/* forwardAuth of a Traefik middleware: (dict "root" $ "query" "") */}}
{{- define "sallyport.forwardAuth" -}}
{{- $root := .root -}}
address: {{ include "sallyport.serviceUrl" $root }}{{ include "sallyport.prefix" $root }}/check/traefik{{ with .query }}?{{ . }}{{ end }}
# Traefik overwrites X-Forwarded-* unless the peer is in the entry point's forwardedHeaders.trustedIPs.
trustForwardHeader: true
authResponseHeaders:
  {{- toYaml $root.Values.identityHeaders | nindent 2 }}
# The cookie store renews its cookie when it refreshes.
addAuthCookiesToResponse:
  - {{ $root.Values.config.cookie_name | default "_oauth2_proxy" }}
{{- if and $root.Values.tls.secretName $root.Values.traefik.caSecretName }}
tls:
  caSecret: {{ $root.Values.traefik.caSecretName }}
{{- end }}
{{- if $root.Values.traefik.preserveLocationHeader }}
preserveLocationHeader: true
{{- end }}
{{- if $root.Values.traefik.maxResponseBodySize }}
maxResponseBodySize: 1048576
{{- end }}
{{- end }}

{{/* How Traefik reaches the portal with TLS, as it names it; empty without a certificate or an authority. */}}
{{- define "sallyport.serversTransport" -}}
{{- if and .Values.tls.secretName .Values.traefik.caSecretName }}
{{- printf "%s-%s@kubernetescrd" (include "sallyport.namespace" .) (include "sallyport.fullname" .) }}
{{- end }}
{{- end }}

{{/* extAuth of an Envoy Gateway SecurityPolicy: (dict "root" $ "limits" "" "protocol" "http") */}}
{{- define "sallyport.extAuth" -}}
{{- $root := .root -}}
# Never true: an outage would let everyone in.
failOpen: false
{{- if $root.Values.envoyGateway.statusOnError }}
statusOnError: 503
{{- end }}
{{- if eq (.protocol | default "http") "grpc" }}
# Without headersToExtAuth all headers of the request are sent.
grpc:
  backendRefs:
    - name: {{ include "sallyport.fullname" $root }}-grpc
      namespace: {{ include "sallyport.namespace" $root }}
      port: {{ $root.Values.ports.grpc }}
{{- with .limits }}
contextExtensions:
  {{- range splitList "&" . }}
  - name: {{ splitList "=" . | first }}
    type: Value
    value: {{ splitList "=" . | rest | join "=" | quote }}
  {{- end }}
{{- end }}
{{- else }}
# What Sallyport reads; Envoy sends Host, method, path and Authorization as well.
headersToExtAuth:
  {{- include "sallyport.checkHeaders" $root | nindent 2 }}
http:
  backendRefs:
    - name: {{ include "sallyport.fullname" $root }}
      namespace: {{ include "sallyport.namespace" $root }}
      port: {{ include "sallyport.servicePort" $root }}
  path: {{ include "sallyport.prefix" $root }}/check/envoy{{ with .limits }}-with/{{ . }}{{ end }}
  headersToBackend:
    {{- range $root.Values.identityHeaders }}
    - {{ lower . }}
    {{- end }}
{{- end }}
{{- end }}

{{/* What ServiceMonitor and PodMonitor have in common. */}}
{{- define "sallyport.scrape" -}}
path: /metrics
{{- with .interval }}
interval: {{ . }}
{{- end }}
{{- with .scrapeTimeout }}
scrapeTimeout: {{ . }}
{{- end }}
{{- with .relabelings }}
relabelings:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .metricRelabelings }}
metricRelabelings:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Labels of the pod of helm test: not those that the Service selects. */}}
{{- define "sallyport.testLabels" -}}
app.kubernetes.io/name: {{ include "sallyport.name" . }}-test
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* The gateway whose snippets are printed: the one asked for, or what the cluster has. */}}
{{- define "sallyport.gateway" -}}
{{- if .Values.gateway }}
{{- .Values.gateway }}
{{- else if .Capabilities.APIVersions.Has "gateway.envoyproxy.io/v1alpha1" }}envoy-gateway
{{- else if .Capabilities.APIVersions.Has "traefik.io/v1alpha1" }}traefik
{{- else }}ingress-nginx
{{- end }}
{{- end }}

{{/* Headers of the client that the front for Envoy reads. */}}
{{- define "sallyport.checkHeaders" -}}
{{- $headers := list "cookie" "x-forwarded-proto" "x-forwarded-for" "x-request-id" "accept" "origin" "referer" }}
{{- $headers = concat $headers (list "upgrade" "x-requested-with") }}
{{- $headers = concat $headers (list "sec-fetch-mode" "sec-fetch-dest" "sec-purpose" "sec-websocket-key") }}
{{- toYaml $headers }}
{{- end }}
