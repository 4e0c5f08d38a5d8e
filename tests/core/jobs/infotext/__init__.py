"""How an infotext becomes settings of the form."""
