"""The only room that knows SQL: one module per noun, its queries in sql/<noun>.sql."""
