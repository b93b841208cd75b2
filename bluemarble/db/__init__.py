"""The three databases: SQL, pools, the updater, ordered writes."""
