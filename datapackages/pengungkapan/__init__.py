"""How often masked data of persons were revealed to officers."""
