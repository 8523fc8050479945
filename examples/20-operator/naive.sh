# What an operator must not be: it acts on events, and has forgotten them once it ends.
kubia kubectl get configmaps -n tour-operator --watch --output-watch-events -o 'jsonpath={.type} {.object.metadata.name}{"\n"}' |
while read -r event name; do
	case $event in
	ADDED) kubia kubectl create deployment "$name" -n tour-operator --image=kubia-nginx:1.31 ;;
	DELETED) kubia kubectl delete deployment "$name" -n tour-operator ;;
	esac
done
