"""What the finals show: compared with temporary and AI-marked material and with libraries."""
