"""The NGINX operator: a Deployment and a Service for every labelled ConfigMap."""
