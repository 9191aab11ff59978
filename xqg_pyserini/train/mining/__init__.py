"""Mining of training rows: what a retriever finds for the training queries, labelled by score and by answers."""
