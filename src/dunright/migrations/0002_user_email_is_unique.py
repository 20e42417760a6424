from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dunright', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='user',
            name='email',
            field=models.EmailField(max_length=254, unique=True),
        ),
    ]
