# What the program declares, as orders: it works once.
set -e
kubia kubectl create deployment nginx-imperative -n tour-declarative --image=kubia:v1
kubia kubectl scale deployment nginx-imperative -n tour-declarative --replicas=3
kubia kubectl annotate deployment nginx-imperative -n tour-declarative environment=production organization=sales
