#!/bin/sh
# The loop that people begin with: watch, apply, restart by a mark that is a date.
set -eu
namespace=$1

start() {
    kubectl apply -n "$namespace" -f - <<END >/dev/null
apiVersion: apps/v1
kind: Deployment
metadata:
  name: $1
spec:
  replicas: 1
  selector:
    matchLabels: {app: $1}
  template:
    metadata:
      labels: {app: $1}
      annotations: {restarted: "$(date +%s)"}
    spec:
      containers:
      - name: nginx
        image: kubia-nginx:1.31
        ports: [{containerPort: 8080}]
        volumeMounts: [{name: content, mountPath: /usr/share/nginx/html}]
      volumes:
      - name: content
        configMap: {name: $1}
END
}

columns=TYPE:.type,NAME:.object.metadata.name
kubectl get configmaps -n "$namespace" --watch --output-watch-events -o custom-columns="$columns" \
    --no-headers | while read -r type name; do
    case $type in
    ADDED | MODIFIED) start "$name" ;;
    DELETED) kubectl delete deployment -n "$namespace" --ignore-not-found --wait=false "$name" ;;
    esac
done
