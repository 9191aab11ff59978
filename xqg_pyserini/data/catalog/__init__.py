"""How a data set becomes known to ir_datasets: families, handlers, random access, and files that are fetched once."""
