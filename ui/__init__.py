"""What the pages share: sign-in, theme, texts, and the widgets of each page.

A function named for a widget renders it, as those of Streamlit do; what it returns is what the
user chose or clicked there.
"""
