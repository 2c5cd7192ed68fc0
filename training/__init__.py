"""The recipe of the embedded model: parallel text in, an int8 translator out."""
