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
{{- $_ := set $config "http_address" (printf ":%d" (int .Values.ports.http)) }}
{{- if .Values.metrics.enabled }}
{{- $_ := set $config "metrics_address" (printf ":%d" (int .Values.ports.metrics)) }}
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
