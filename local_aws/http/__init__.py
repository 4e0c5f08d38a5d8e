"""HTTP as every embedded service sees it: messages, errors, signatures, request shapes."""
