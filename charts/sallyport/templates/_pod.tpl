{{/* On the port of metrics: whatever gateways and browsers speak to the other ones, and out of their reach. */}}
{{- define "sallyport.probe" -}}
httpGet:
  path: {{ .path }}
  port: metrics
  {{- with .root.Values.config.ping_user_agent }}
  httpHeaders:
    - name: User-Agent
      value: {{ . | quote }}
  {{- end }}
{{ toYaml .timing }}
{{- end }}

{{/* The pod. Its labels and annotations do not change with the chart's version. */}}
{{- define "sallyport.pod" -}}
metadata:
  labels:
    {{- toYaml (merge (include "sallyport.selectorLabels" . | fromYaml) .Values.podLabels .Values.commonLabels) | nindent 4 }}
  annotations:
    {{- $checksum := dict "checksum/config" (include "sallyport.config" . | sha256sum) }}
    {{- toYaml (merge $checksum .Values.podAnnotations .Values.commonAnnotations) | nindent 4 }}
spec:
  serviceAccountName: {{ include "sallyport.serviceAccountName" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with include "sallyport.imagePullSecrets" . }}
  {{- . | nindent 2 }}
  {{- end }}
  securityContext:
    {{- toYaml .Values.podSecurityContext | nindent 4 }}
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .Values.runtimeClassName }}
  runtimeClassName: {{ . }}
  {{- end }}
  {{- with .Values.initContainers }}
  initContainers:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: sallyport
      image: {{ include "sallyport.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args:
        - --config=/etc/sallyport/config/sallyport.yaml
        {{- with .Values.extraArgs }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with include "sallyport.env" . }}
      {{- . | nindent 6 }}
      {{- end }}
      {{- with .Values.extraEnvFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      ports:
        - name: {{ include "sallyport.scheme" . }}
          containerPort: {{ .Values.ports.http }}
          protocol: TCP
        - name: metrics
          containerPort: {{ .Values.ports.metrics }}
          protocol: TCP
        {{- if .Values.grpc.enabled }}
        - name: grpc
          containerPort: {{ .Values.ports.grpc }}
          protocol: TCP
        {{- end }}
      {{- $ping := .Values.config.ping_path | default "/ping" }}
      startupProbe:
        {{- include "sallyport.probe" (dict "root" . "path" $ping "timing" .Values.startupProbe) | nindent 8 }}
      livenessProbe:
        {{- include "sallyport.probe" (dict "root" . "path" $ping "timing" .Values.livenessProbe) | nindent 8 }}
      readinessProbe:
        {{- $ready := .Values.config.ready_path | default "/ready" }}
        {{- include "sallyport.probe" (dict "root" . "path" $ready "timing" .Values.readinessProbe) | nindent 8 }}
      {{- if .Values.preStopSleepSeconds }}
      lifecycle:
        preStop:
          sleep:
            seconds: {{ .Values.preStopSleepSeconds }}
      {{- end }}
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      securityContext:
        {{- toYaml .Values.securityContext | nindent 8 }}
      volumeMounts:
        {{- include "sallyport.volumeMounts" . | nindent 8 }}
    {{- with .Values.sidecars }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    {{- include "sallyport.volumes" . | nindent 4 }}
  {{- with include "sallyport.topologySpread" . }}
  topologySpreadConstraints:
    {{- . | nindent 4 }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{- define "sallyport.env" -}}
{{- $ca := or .Values.trustedCA.configMapName .Values.trustedCA.secretName }}
{{- $own := ternary (list (dict "name" "NODE_EXTRA_CA_CERTS" "value" (printf "/etc/sallyport/ca/%s" .Values.trustedCA.key))) list (not (empty $ca)) }}
{{- with concat $own .Values.extraEnv -}}
env:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Whole folders, never subPath: the kubelet renews the files when a ConfigMap or Secret changes. */}}
{{- define "sallyport.volumeMounts" -}}
- name: config
  mountPath: /etc/sallyport/config
  readOnly: true
- name: secrets
  mountPath: /etc/sallyport/secrets
  readOnly: true
{{- if or .Values.trustedCA.configMapName .Values.trustedCA.secretName }}
- name: ca
  mountPath: /etc/sallyport/ca
  readOnly: true
{{- end }}
{{- if .Values.tls.secretName }}
- name: tls
  mountPath: /etc/sallyport/tls
  readOnly: true
{{- end }}
{{- if .Values.grpc.tlsSecretName }}
- name: grpc-tls
  mountPath: /etc/sallyport/grpc-tls
  readOnly: true
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "sallyport.volumes" -}}
- name: config
  configMap:
    name: {{ include "sallyport.fullname" . }}
- name: secrets
  projected:
    defaultMode: 288 # 0440
    sources:
      {{- range $option, $secret := .Values.secrets }}
      {{- if $secret.key }}
      - secret:
          name: {{ $secret.name | default $.Values.existingSecret }}
          items:
            - key: {{ $secret.key }}
              path: {{ $option }}
      {{- end }}
      {{- end }}
{{- if .Values.trustedCA.configMapName }}
- name: ca
  configMap:
    name: {{ .Values.trustedCA.configMapName }}
{{- else if .Values.trustedCA.secretName }}
- name: ca
  secret:
    secretName: {{ .Values.trustedCA.secretName }}
    defaultMode: 288 # 0440
{{- end }}
{{- with .Values.tls.secretName }}
- name: tls
  secret:
    secretName: {{ . }}
    defaultMode: 288 # 0440
{{- end }}
{{- with .Values.grpc.tlsSecretName }}
- name: grpc-tls
  secret:
    secretName: {{ . }}
    defaultMode: 288 # 0440
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Selector and matchLabelKeys filled in: each rollout spreads on its own. */}}
{{- define "sallyport.topologySpread" -}}
{{- if .Values.topologySpread.enabled }}
{{- $selector := dict "matchLabels" (include "sallyport.selectorLabels" . | fromYaml) }}
{{- $own := list }}
{{- range tuple "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
{{- $own = append $own (dict "maxSkew" 1 "topologyKey" . "whenUnsatisfiable" "ScheduleAnyway") }}
{{- end }}
{{- $filled := list }}
{{- range .Values.topologySpread.constraints | default $own }}
{{- $filled = append $filled (merge (deepCopy .) (dict "labelSelector" $selector "matchLabelKeys" (list "pod-template-hash"))) }}
{{- end }}
{{- toYaml $filled }}
{{- end }}
{{- end }}
