"""What a delivery holds: roots, files, frame sequences, sidecars, the use of each folder."""
